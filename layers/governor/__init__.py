"""Flywheel Governor: runs Amazon Comprehend flywheels unattended and safely.

`domain` holds the rules and knows no AWS; `usecases` holds one module per Lambda function and speaks to AWS through
`ports`; `adapters` holds the only code that imports boto3; `bootstrap` puts them together once per container.
"""
