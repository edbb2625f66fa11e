"""Numbers from predictions: metrics, confidence intervals, comparisons of methods and their conclusions."""
