"""What each Lambda function does, in domain words, against `governor.ports`; one module per function, same name."""
