"""Training: sampling of batches, phases, early stopping, runs on disk."""
