from django.apps import AppConfig


class WorkflowProcessorConfig(AppConfig):
    name = "workflow_processor"
    verbose_name = "Workflow processor"
