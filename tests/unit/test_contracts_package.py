"""The package of contracts gives every name its modules define, and loads only the modules that are asked for."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

from governor import contracts

MODULES = [module.name for module in pkgutil.iter_modules(contracts.__path__)]
BASES = {"Payload", "AwsEvent"}


@pytest.mark.parametrize("name", MODULES)
def test_every_contract_of_a_module_is_a_name_of_the_package(name: str) -> None:
    module = importlib.import_module(f"governor.contracts.{name}")
    own = {
        found for found, value in vars(module).items() if inspect.isclass(value) and value.__module__ == module.__name__
    }
    for contract in own - BASES:
        if not contract.startswith("_"):
            assert getattr(contracts, contract) is getattr(module, contract)


def test_what_is_not_asked_for_is_not_built() -> None:
    program = (
        "import sys; from governor.contracts import CheckQuietInput, parse; "
        "print(*(name for name in sys.modules if name.startswith('governor.contracts.')))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert set(loaded.split()) == {"governor.contracts.base", "governor.contracts.training"}


def test_a_name_that_is_no_contract_is_missing() -> None:
    with pytest.raises(AttributeError, match="CheckNothingInput"):
        _ = contracts.CheckNothingInput  # type: ignore[attr-defined]
