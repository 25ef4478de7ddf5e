from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "jiuye.foundation"
    label = "foundation"
