"""`make demo`.

Three acts on the embedded cloud, with real files, really trained models, and the template as it is deployed to AWS.
"""
