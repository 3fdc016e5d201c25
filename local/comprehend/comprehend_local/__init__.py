"""A Comprehend server for laptops and tests: flywheels that really train, over the service's own wire protocol.

In tests::

    comprehend = Comprehend(Settings.instant(), S3Objects(boto3.client("s3")), clock=ManualClock())
    client = boto3.client("comprehend")
    connect(client, comprehend)           # no sockets; or: with start_server(settings, objects) as server: server.url
"""

from comprehend_local.clock import ManualClock, SystemClock
from comprehend_local.inprocess import connect
from comprehend_local.server import start_server
from comprehend_local.service.api import Comprehend
from comprehend_local.service.data_access import RoleRefused
from comprehend_local.service.folders import DirectoryObjects
from comprehend_local.service.storage import S3Objects
from comprehend_local.settings import Settings

__all__ = [
    "Comprehend",
    "DirectoryObjects",
    "ManualClock",
    "RoleRefused",
    "S3Objects",
    "Settings",
    "SystemClock",
    "connect",
    "start_server",
]
