"""The sound one."""

from tests.workflow_processor.rules import Shares

rule = Shares()
