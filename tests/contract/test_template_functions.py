"""Adding a step is one folder, one function, one role, one log group and one state; a forgotten one is told here."""

import ast
import json
import re
from pathlib import Path

import pytest

from tests.contract.template import FUNCTION_FOLDERS, ROOT, Tree, of_type, pascal

# Functions that no state of the machine calls, and what calls them instead.
NOT_STEPS = {
    "admit_uploads": "uploads queue",
    "inspect_upload": "inspect queue",
    "answer_approval": "function URL",
    "sweep": "schedule and ended executions queue",
}
OF_ANALYSIS = (
    "check_analysis", "check_documents", "collect_results", "end_analysis", "start_analysis", "take_analysis",
)  # fmt: skip
STEPS = {
    "Flywheel": [folder for folder in FUNCTION_FOLDERS if folder not in {*NOT_STEPS, *OF_ANALYSIS}],
    "Analysis": list(OF_ANALYSIS),
}
DEFINITIONS = {name: (ROOT / "statemachines" / f"{name.lower()}.asl.json").read_text() for name in STEPS}
LONGEST_HANDLER = 40
ALLOWED_IMPORTS = ("governor.bootstrap", "governor.contracts", "governor.usecases", "aws_lambda_powertools")
# Of the standard library only what an event of AWS needs to be opened; the rest is a use case's business.
STANDARD = ("typing", "collections", "base64", "binascii")


def test_every_folder_is_a_function_and_the_other_way_round(template: Tree) -> None:
    functions = of_type(template, "AWS::Serverless::Function")
    assert sorted(functions) == sorted(f"{pascal(folder)}Function" for folder in FUNCTION_FOLDERS)
    for folder in FUNCTION_FOLDERS:
        assert functions[f"{pascal(folder)}Function"]["CodeUri"] == f"functions/{folder}/"
        assert functions[f"{pascal(folder)}Function"]["FunctionName"] == {"Fn::Sub": f"${{AWS::StackName}}-{folder}"}


@pytest.mark.parametrize("folder", FUNCTION_FOLDERS)
def test_a_function_has_its_own_role_and_its_own_log_group(template: Tree, folder: str) -> None:
    name = pascal(folder)
    function = template["Resources"][f"{name}Function"]
    assert function["Metadata"] == {"SkipBuild": True}
    assert function["Properties"]["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    assert function["Properties"]["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}LogGroup"}}
    log_group = template["Resources"][f"{name}LogGroup"]["Properties"]
    assert log_group["LogGroupName"] == {"Fn::Sub": f"/aws/lambda/${{AWS::StackName}}-{folder}"}
    assert log_group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_no_role_or_log_group_is_left_over(template: Tree) -> None:
    stems = {pascal(folder) for folder in FUNCTION_FOLDERS} | {f"{name}Machine" for name in STEPS}
    assert set(of_type(template, "AWS::Logs::LogGroup")) == {f"{stem}LogGroup" for stem in stems}
    assert set(of_type(template, "AWS::IAM::Role")) == {f"{stem}Role" for stem in stems} | {"DataAccessRole"}


@pytest.mark.parametrize("name", STEPS)
def test_the_machine_calls_exactly_the_steps(template: Tree, name: str) -> None:
    machine = template["Resources"][f"{name}Machine"]["Properties"]
    definition = DEFINITIONS[name]
    arns = {name: value for name, value in machine["DefinitionSubstitutions"].items() if name.endswith("FunctionArn")}
    assert arns == {
        f"{pascal(folder)}FunctionArn": {"Fn::GetAtt": [f"{pascal(folder)}Function", "Arn"]} for folder in STEPS[name]
    }
    assert set(re.findall(r"\$\{(\w+)\}", definition)) == set(machine["DefinitionSubstitutions"])


@pytest.mark.parametrize("name", STEPS)
def test_the_machine_may_invoke_exactly_the_functions_it_calls(template: Tree, name: str) -> None:
    policy = template["Resources"][f"{name}MachineRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    invoking = [statement for statement in policy["Statement"] if "lambda:InvokeFunction" in statement["Action"]]
    assert len(invoking) == 1
    assert sorted(resource["Fn::GetAtt"][0] for resource in invoking[0]["Resource"]) == sorted(
        f"{pascal(folder)}Function" for folder in STEPS[name]
    )


@pytest.mark.parametrize("machine", STEPS)
def test_every_task_waits_longer_than_its_function_runs(template: Tree, machine: str) -> None:
    functions = of_type(template, "AWS::Serverless::Function")
    default = template["Globals"]["Function"]["Timeout"]
    states = json.loads(DEFINITIONS[machine])["States"]
    tasks = {name: state for name, state in states.items() if state["Type"] == "Task"}
    assert tasks
    for name, state in tasks.items():
        called = state["Arguments"]["FunctionName"].removeprefix("${").removesuffix("Arn}")
        assert state["TimeoutSeconds"] > functions[called].get("Timeout", default), name


def test_the_delay_of_ended_executions_is_the_longest_timeout_and_a_minute(template: Tree) -> None:
    timeouts = [
        function.get("Timeout", template["Globals"]["Function"]["Timeout"])
        for function in of_type(template, "AWS::Serverless::Function").values()
    ]
    assert template["Resources"]["EndedExecutionsQueue"]["Properties"]["DelaySeconds"] == max(timeouts) + 60


def test_promotion_is_over_before_the_sweep_settles_it(template: Tree) -> None:
    assert template["Resources"]["PromoteModelFunction"]["Properties"]["Timeout"] == 30


@pytest.mark.parametrize("folder", FUNCTION_FOLDERS)
def test_a_handler_is_short_and_imports_only_what_a_handler_may(folder: str) -> None:
    source = (ROOT / "functions" / folder / "app.py").read_text()
    assert len(source.splitlines()) <= LONGEST_HANDLER
    assert [path.name for path in (ROOT / "functions" / folder).iterdir() if path.name != "__pycache__"] == ["app.py"]
    for imported in _imports(source):
        assert imported.startswith(ALLOWED_IMPORTS) or imported.split(".")[0] in STANDARD, imported


def _imports(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
    return found


def test_nothing_deployed_asks_whether_it_runs_on_a_laptop() -> None:
    deployed = [*Path(ROOT / "layers").rglob("*.py"), *Path(ROOT / "functions").rglob("*.py")]
    asking = re.compile(r"localhost|127\.0\.0\.1|ministack|AWS_ENDPOINT_URL|endpoint_url", re.IGNORECASE)
    assert [str(path) for path in deployed if asking.search(path.read_text())] == []


@pytest.mark.parametrize("folder", [folder for steps in STEPS.values() for folder in steps])
def test_a_step_s_log_lines_name_the_flywheel_from_the_first_on(folder: str) -> None:
    source = (ROOT / "functions" / folder / "app.py").read_text()
    assert "logger.append_keys(flywheel=" in source
    assert source.index("logger.append_keys(flywheel=") < source.index("logger.info(")


def test_log_lines_and_metrics_have_the_stack_s_name(template: Tree) -> None:
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}
