"""CloudFormation finds cycles only when it deploys, and no linter does; machine -> function -> machine is soon made."""

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.contract.template import Tree, listed, references


def _needs(stack: Tree) -> dict[str, set[str]]:
    resources = stack["Resources"]
    return {
        name: {needed for needed in references(resource.get("Properties", {})) if needed in resources}
        | set(listed(resource.get("DependsOn", [])))
        for name, resource in resources.items()
    }


def test_the_transformed_template_has_no_cycle(stack: Tree) -> None:
    TopologicalSorter(_needs(stack)).prepare()


def test_a_cycle_would_be_found(stack: Tree) -> None:
    machine, function = stack["Resources"]["FlywheelMachine"], stack["Resources"]["SweepFunction"]
    environment = function["Properties"]["Environment"]["Variables"]
    changed = {**environment, "FLYWHEEL_MACHINE_ARN": {"Ref": "FlywheelMachine"}}
    role = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"Fn::GetAtt": ["SweepFunction", "Arn"]}]}}
    resources = {
        **stack["Resources"],
        "FlywheelMachineRole": role,
        "FlywheelMachine": machine,
        "SweepFunction": {
            **function,
            "Properties": {**function["Properties"], "Environment": {"Variables": changed}},
        },
    }
    with pytest.raises(CycleError):
        TopologicalSorter(_needs({"Resources": resources})).prepare()


def test_every_reference_leads_somewhere(stack: Tree) -> None:
    known = stack["Resources"].keys() | stack["Parameters"].keys()
    dangling = {
        name for name in references([stack["Resources"], stack["Outputs"]]) if not name.startswith("AWS::")
    } - known
    assert dangling == set()
