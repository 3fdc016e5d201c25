"""Every error that a step may end with.

    GovernorError
    +-- TransientError            the machine tries again, with full jitter
    |   +-- ServiceBusyError
    +-- PermanentError            trying again would not help
        +-- InvalidInputError         +-- DatasetConflictError
        +-- UnknownFlywheelError      +-- DatasetsRefusedError
        +-- TurnLostError             +-- IterationFailedError
        +-- PolicyMissingError        +-- WaitOverdueError
        +-- FlywheelUnavailableError  +-- QuotaFullError
        +-- PromotionRefusedError     +-- AccessRefusedError
        +-- NothingToAnswerError      +-- UnexpectedReplyError
        +-- EndpointUnavailableError  +-- NoActiveModelError
        +-- AnalysisFailedError       +-- ExamUnavailableError
        +-- ExamFailedError

A class's name is what Lambda reports as `errorType`, so it is also the name in the state machine's `ErrorEquals`.
Messages are sentences for people, with the remedy where there is one, and never quote documents, tokens or codes.
"""


class GovernorError(Exception):
    """Base of all errors of this application."""


class TransientError(GovernorError):
    """The same call may succeed when it is made again later."""


class PermanentError(GovernorError):
    """Making the same call again would end the same way."""


class ServiceBusyError(TransientError):
    """An AWS service throttled the call, failed on its side, or its answer did not arrive."""


class InvalidInputError(PermanentError):
    """An execution or an event has an input of another shape than its contract."""


class UnknownFlywheelError(PermanentError):
    """Nothing is known of a flywheel of that name: no policy row, no uploads, no turns."""


class TurnLostError(PermanentError):
    """The execution no longer holds the flywheel's turn, so it must change nothing."""


class PolicyMissingError(PermanentError):
    """The flywheel has no usable row in the policy table."""


class FlywheelUnavailableError(PermanentError):
    """The flywheel exists in Comprehend but cannot be worked with.

    It failed, is being deleted, or is not the one that the policy defines.
    """


class DatasetConflictError(PermanentError):
    """A dataset of the wanted name exists with other content."""


class DatasetsRefusedError(PermanentError):
    """Comprehend refused every dataset of the batch."""


class IterationFailedError(PermanentError):
    """An iteration ended FAILED or STOPPED."""


class WaitOverdueError(PermanentError):
    """A wait reached its bound before Comprehend was done; the next turn goes on waiting."""


class QuotaFullError(PermanentError):
    """A service quota is used up."""


class PromotionRefusedError(PermanentError):
    """The active model could not be changed, or is not what it should be afterwards."""


class EndpointUnavailableError(PermanentError):
    """The endpoint failed, is bound to another model, or is not there."""


class NoActiveModelError(PermanentError):
    """Documents cannot be analysed: the flywheel is not there, or no model of it is active yet."""


class AnalysisFailedError(PermanentError):
    """An asynchronous job ended FAILED or STOPPED."""


class ExamUnavailableError(PermanentError):
    """A file that the policy names for the exam is missing, or is not what an exam can be made of."""


class ExamFailedError(PermanentError):
    """A job in which a model sat the exam ended FAILED or STOPPED."""


class NothingToAnswerError(PermanentError):
    """There is no open approval of that flywheel and batch."""


class AccessRefusedError(PermanentError):
    """A role lacks a permission; the message names the action and the role as AWS does."""


class UnexpectedReplyError(PermanentError):
    """AWS answered with an error that no rule here knows: fail closed."""
