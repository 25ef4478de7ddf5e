from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "jiuye.insight"
    label = "insight"
