"""Whether a phase was trained for long enough: its best epoch does not lie at the end of its budget."""

from __future__ import annotations

from regssl.methods.settings import Training


def is_converged(best_steps: int, training: Training) -> bool:
    """Whether the best epoch of a phase lies before the last tenth of its budget.

    Of 30 epochs of 100 steps the last tenth is the last three: with the best epoch after 2700 steps a phase has
    converged, with the best after 2800 it may well have become better still. Where the learning rate falls to 0 at the
    end of the budget the last epochs are the best by design: nothing can be said, and it counts as converged.

    Args:
        best_steps: optimizer steps of the phase up to its best epoch; 0: the weights that it started from.
        training: settings of the phase, with the steps per epoch that it has.
    """
    budget = training.max_epochs * training.steps_per_epoch
    return training.schedule == "linear" or 10 * best_steps <= 9 * budget
