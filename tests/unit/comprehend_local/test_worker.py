from comprehend_local import ManualClock
from comprehend_local.service.context import Step
from comprehend_local.service.worker import Worker
from comprehend_local.store.database import Store, Work


class Lagging(Store):
    """Lists once what another thread finished in the meantime."""

    def __init__(self) -> None:
        super().__init__()
        self.stale: list[Work] = []

    def work(self) -> list[Work]:
        found, self.stale = self.stale, []
        return found or super().work()


def test_a_step_that_another_thread_has_taken_is_not_taken_again() -> None:
    store, taken = Lagging(), []

    def write() -> None:
        taken.append("step")

    worker = Worker(store, ManualClock(), {"step": Step(lambda _: write, lambda *_: None)})
    store.add_work("step", "key", 0)
    store.stale = store.work()
    store.finish_work(store.stale[0])

    assert worker.run_due() == 0
    assert taken == []
    store.add_work("step", "key", 0)
    assert worker.run_due() == 1
    assert taken == ["step"]
    store.close()
