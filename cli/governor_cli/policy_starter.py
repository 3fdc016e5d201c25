"""The file that a policy begins with: short, commented, and good to apply as soon as gates and labels are yours."""

from collections.abc import Mapping
from typing import Any

import yaml

from governor.domain.policy import Approval
from governor.domain.policy_document import DEFAULTS

SCHEMA_FILE = "policy.schema.json"
_EDITOR = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
_ABOUT = """\
# The policy of flywheel {name}{origin}. docs/policy.md explains every field; what is left out has its default.
#   governor policy validate FILE      is it right?
#   governor policy diff {name} FILE   what would change, and is it stricter?
#   governor policy apply FILE         make it the policy
"""
_ABOUT_DEFAULTS = """\
# The defaults of all flywheels: what their own files leave out. Blocks merge field by field, lists (gates) replace.
#   governor policy apply FILE --dry-run   which flywheels would change, and how
#   governor policy apply FILE             write them, and a new version of every flywheel that they change
"""
_GATES = """\
# What a candidate must meet: every gate. A rule is met when the test documents make one sure of it (confidence), so
# that chance alone promotes nothing; with too few of them the verdict is INCONCLUSIVE and says how many more it takes.
gates:
  - metric: f1
    at_least: 0.75         # a floor: what you would accept in production. The first model is judged by it alone
    gain_at_least: 0.0     # surely better than the active model
    # confidence: 0.95     # how sure; 0.5 compares the bare numbers
  # - metric: recall
  #   label: {label}
  #   drop_at_most: 0.02   # no label may lose more (label: "*"); one label's name, worst, micro or macro: golden exams
  #   mode: shadow         # told, and decides nothing: to try a gate out
"""
_REST = """\
# The exam: Comprehend's own averages over the TEST datasets (iteration), or both models' answers to every TEST
# document (golden), which tells more, needs no TEST datasets, and costs 0.0005 dollars per 100 characters and model.
# exam:
#   kind: golden

# first_model: ask              # a person lets the first model in; otherwise the gates do
# budget_usd_per_month: 100     # trainings and golden exams; when it is spent the flywheel rests until the next month
# on_regression: hold           # or continue: what follows a model that is worse
"""
_APPROVAL = {
    "never": "asks nobody",
    "always": "asks people every time",
    "replacement": "the first model goes live by itself, a person answers for every later one",
}


def starter(
    name: str,
    definition: Mapping[str, Any] | None,
    *,
    approval: Approval = "replacement",
    serving: Mapping[str, Any] | None = None,
    origin: str = "",
) -> str:
    """Return the file's text. `definition`: the block `flywheel`, None for defaults. `origin`: of an adopted one."""
    about = _ABOUT_DEFAULTS if name == DEFAULTS else _ABOUT.format(name=name, origin=origin)
    blocks = [_EDITOR + about + _yaml({"name": name})]
    if definition is not None:
        blocks.append(
            "# What it is. This cannot be changed once the flywheel exists in Comprehend.\n"
            + _yaml({"flywheel": dict(definition)})
        )
    blocks.append(_GATES.replace("{label}", '"*"'))
    blocks.append(_REST)
    if serving is not None:
        blocks.append(
            "# The endpoint that follows it. It costs money as long as it is there.\n" + _yaml({"serving": serving})
        )
    blocks.append(f"approval: {approval}".ljust(32) + f"# {_APPROVAL[approval]}\n")
    return "\n".join(blocks)


def _yaml(document: Mapping[str, Any]) -> str:
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=118)
