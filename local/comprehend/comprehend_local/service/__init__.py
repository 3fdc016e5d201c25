"""The API: operations, their states and their errors."""
