"""What all blocks of a policy have in common: unknown fields are refused, and all that is wrong is told at once."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

Path = tuple[int | str, ...]
Contradiction = tuple[Path, str]
"""Where two fields do not go together, as seen from the block that has both, and what to do about it."""
Kind = Literal["contradiction", "disagreement"]

# Numbers are numbers: YAML reads `yes` as true, which would count as 1 otherwise.
Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]


class Part(BaseModel):
    """A block of a policy: fields that are not known are refused, and values are never repeated in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind_of_contradictions: ClassVar[Kind] = "contradiction"
    """The error's type: `disagreement` if the block that has both fields is the whole policy."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any]) -> Iterator[Contradiction]:
        """Yield what is wrong between fields.

        `given`: the fields' values; None, or not there: not given. Of a document in which a field is wrong for itself
        they are as the document has them, of any type.
        """
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _tell_everything(cls, value: Any, validate: Callable[[Any], Self]) -> Self:
        """Look for contradictions also where single fields are wrong, so that nobody corrects a file twice."""
        try:
            part = validate(value)
        except ValidationError as error:
            if not isinstance(value, Mapping):
                raise
            found = _details(cls, cls.contradictions(value))
            if not found:
                raise
            raise ValidationError.from_exception_data(cls.__name__, [*_again(error), *found]) from error
        found = _details(cls, cls.contradictions({name: getattr(part, name) for name in cls.model_fields}))
        if found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return part


def _details(part: type[Part], found: Iterator[Contradiction]) -> list[InitErrorDetails]:
    return [
        InitErrorDetails(type=PydanticCustomError(part.kind_of_contradictions, message), loc=path, input=None)
        for path, message in found
    ]


def _again(error: ValidationError) -> list[InitErrorDetails]:
    """Return the faults of `error` in the form that a new error is made of."""
    return [
        InitErrorDetails(
            type=PydanticCustomError(fault["type"], fault["msg"]) if fault["type"] in get_args(Kind) else fault["type"],
            loc=fault["loc"],
            input=None,
            ctx=fault.get("ctx", {}),
        )
        for fault in error.errors(include_url=False)
    ]


def faults_of(error: ValidationError) -> str:
    """Return pydantic's faults as `path: what is wrong; path: ...`, without input values."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(
        f"{'.'.join(str(step) for step in fault['loc']) or 'document'}: {fault['msg'].removeprefix('Value error, ')}"
        for fault in faults
    )
