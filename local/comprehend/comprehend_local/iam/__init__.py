"""Who may do what, asked of the IAM of an AWS emulator."""
