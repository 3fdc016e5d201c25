"""The learning: reading documents, training, scoring. Knows nothing of AWS."""
