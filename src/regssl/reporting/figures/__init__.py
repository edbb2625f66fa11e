"""Figures, one module each; `style` is what they share."""

__all__ = ["ablations", "figure2", "figure3", "forest", "lift", "style"]
