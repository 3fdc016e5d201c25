"""The choices that AWS's documents leave open, with what is known of each. Written by hand."""

from __future__ import annotations

CHOICES = {
    "cumulative_training": "the guide says both `the new data` and that every version keeps all its data",
    "exam": "both models sit the same test set; whether only the new one, is not said",
    "evaluated_model": "the guide says always, the announcement only with new TEST data",
    "activate_first_model": "never said; every walkthrough activates it by hand",
    "hold_out_share": "10 % by the guide and in recorded answers, 10 to 20 % by the API's text",
    "recognizer_hold_out_share": "21 % in the published sample",
    "entity_iteration_scale": "recognizers' own metrics are from 0 to 100; those of iterations are not described",
    "nothing_to_train": "not described",
    "default_dataset_type": "DatasetType is optional in the model; what it is then, is not said",
    "constraint_error": "ValidationException is one of AWS's common errors; InvalidRequestException would fit too",
    "not_active_error": "other states than ACTIVE are for reading only; the error is not said",
    "test_must_cover_labels": "the guide demands it of test data; whether a dataset fails by it, is not said",
    "flywheel_with_endpoints": "not described",
    "no_active_model_error": "not described",
    "busy_endpoint_error": "ResourceInUseException is listed; for UpdateEndpoint, ResourceUnavailableException too",
    "missing_endpoint_error": "ClassifyDocument and DetectEntities do not list ResourceNotFoundException",
    "most_classes": "published answers list three classes of five",
    "score_decimals": "published job outputs have four decimals",
    "classification_output_name": "`predictions.jsonl` in the published sample",
    "entities_output_name": "one sample, of a built-in model, names it `output`",
    "job_file_member": "samples have the file's name; what it is for keys with folders, is not said",
}
"""By setting: what is known."""

FIXED = {
    "A second iteration of a flywheel": "ResourceInUseException: the only listed error that fits",
    "More running iterations than the account may have": "TooManyRequestsException: no error for limits is listed",
    "DeleteFlywheel while an iteration runs or a dataset is created": "ResourceInUseException, of two that are listed",
    "A ClientRequestToken with other parameters": "InvalidRequestException; a token is forgotten with what it made",
    "Lists": "newest first, unless the documents say otherwise; summaries by name; 100 a page",
    "NextToken": "of one list with one filter; InvalidRequestException elsewhere",
    "Patterns and lengths": "a pattern is of the whole string; lengths count characters",
    "Names of models that flywheels train": "the flywheel's, or that of the model it was made from",
    "Versions": "`Comprehend-Generated-v1-` and eight hexadecimal digits",
    "Stopping an iteration": "by StopTraining... of the version that it trains: there is no other operation",
    "Which model a job uses": "the flywheel's active one when the job is started",
    "A recognizer's AverageAccuracy": "right answers / (right and wrong answers and what was missed)",
    "Metrics": "means over classes or labels without weights; accuracy over documents (multi-class) or decisions",
}
"""Choices that are no settings, because nothing speaks for another one."""

OTHERS = (
    *("region", "account", "seed", "workers", "authorization_seconds", "embedding"),
    *("time_factor", "*_seconds"),
    *("minimum_*", "maximum_*"),
)
"""All other settings: who and where, how it learns, times, limits and quotas."""
