"""The search for a recipe: candidates of one size, trained as any other model, and ranked on validation only."""
