"""What the imitation leaves out, written by hand: by member of a request, and by operation.

The page shows a member's remark at every operation whose request has that member, so nothing is said twice.
"""

from __future__ import annotations

EFFECTS = {
    "no effect": "Kept and shown, and nothing more: nothing is encrypted or reached through a VPC.",
    "a number only": "Shown, and held against the quotas; answers come as fast as the machine gives them.",
    "with --authorize on": "Who the role is and what it may do is looked at with `--authorize on`, else not at all.",
    "plain text only": "Native documents (PDF, Word, images, Textract) are refused.",
    "lets nobody in": "Kept and shown; other accounts, and ImportModel, are not imitated.",
}
"""The ways in which a member is less than it is at AWS."""

MEMBERS = {
    "VpcConfig": "no effect",
    "VolumeKmsKeyId": "no effect",
    "ModelKmsKeyId": "no effect",
    "DataLakeKmsKeyId": "no effect",
    "KmsKeyId": "no effect",
    "DesiredInferenceUnits": "a number only",
    "DataAccessRoleArn": "with --authorize on",
    "DesiredDataAccessRoleArn": "with --authorize on",
    "Bytes": "plain text only",
    "DocumentReaderConfig": "plain text only",
    "DocumentType": "plain text only",
    "AnnotationDataS3Uri": "plain text only",
    "SourceDocumentsS3Uri": "plain text only",
    "ModelPolicy": "lets nobody in",
    "ResourcePolicy": "lets nobody in",
}
"""By the name of a member, wherever it is in a request."""

OPERATIONS = {
    "ClassifyDocument": ["the prompt safety classifier (an endpoint of the account `aws`) is refused"],
    "CreateDocumentClassifier": [
        "`InputDataConfig.Documents`: native documents are refused",
        "learned alike in all languages",
    ],
    "CreateEntityRecognizer": ["learned alike in all languages"],
    "CreateFlywheel": ["file names in the data lake are this server's own, folders as documented"],
    "DescribeFlywheelIteration": ["files below `EvaluationManifestS3Prefix` are this server's own"],
    "DetectEntities": ["without `EndpointArn` (built-in types of entities) refused"],
    "StartEntitiesDetectionJob": ["without a recognizer or a flywheel (built-in types of entities) refused"],
}
"""By operation: what no member says."""

GROUPS = {
    "Flywheels": (
        "CreateFlywheel",
        "DescribeFlywheel",
        "UpdateFlywheel",
        "DeleteFlywheel",
        "ListFlywheels",
        "CreateDataset",
        "DescribeDataset",
        "ListDatasets",
        "StartFlywheelIteration",
        "DescribeFlywheelIteration",
        "ListFlywheelIterationHistory",
    ),
    "Document classifiers": (
        "CreateDocumentClassifier",
        "DescribeDocumentClassifier",
        "ListDocumentClassifiers",
        "ListDocumentClassifierSummaries",
        "StopTrainingDocumentClassifier",
        "DeleteDocumentClassifier",
    ),
    "Entity recognizers": (
        "CreateEntityRecognizer",
        "DescribeEntityRecognizer",
        "ListEntityRecognizers",
        "ListEntityRecognizerSummaries",
        "StopTrainingEntityRecognizer",
        "DeleteEntityRecognizer",
    ),
    "Endpoints and real-time answers": (
        "CreateEndpoint",
        "DescribeEndpoint",
        "UpdateEndpoint",
        "DeleteEndpoint",
        "ListEndpoints",
        "ClassifyDocument",
        "DetectEntities",
    ),
    "Jobs with custom models": (
        "StartDocumentClassificationJob",
        "DescribeDocumentClassificationJob",
        "ListDocumentClassificationJobs",
        "StartEntitiesDetectionJob",
        "DescribeEntitiesDetectionJob",
        "ListEntitiesDetectionJobs",
        "StopEntitiesDetectionJob",
    ),
    "Tags and policies": (
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
        "PutResourcePolicy",
        "DescribeResourcePolicy",
        "DeleteResourcePolicy",
    ),
    "Models of other accounts": ("ImportModel",),
}
"""The operations of custom models. All others are of models that AWS has trained."""

BUILT_IN = {
    "DominantLanguage": "the language of a text",
    "KeyPhrases": "key phrases",
    "TargetedSentiment": "targeted sentiment",
    "Sentiment": "sentiment",
    "Syntax": "syntax",
    "Pii": "personal data",
    "Entities": "built-in types of entities",
    "ToxicContent": "toxicity",
    "EventsDetection": "events",
    "TopicsDetection": "topics",
}
"""By a part of an operation's name: the ability that AWS trained and that nothing local could imitate."""
