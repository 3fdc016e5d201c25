"""What is measured. Each module here is a part of its own: `TITLE`, and `run(options) -> list[Table]`."""
