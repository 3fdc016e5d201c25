"""The only modules that import boto3: they turn AWS's replies into domain values and its errors into domain errors."""
