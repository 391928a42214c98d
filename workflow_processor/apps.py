from django.apps import AppConfig


class WorkflowProcessorConfig(AppConfig):
    name = "workflow_processor"
    verbose_name = "Workflow processor"

    def ready(self) -> None:
        from workflow_processor import durability

        durability.ask_first()
