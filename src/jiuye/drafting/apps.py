from django.apps import AppConfig


class DraftingConfig(AppConfig):
    name = "jiuye.drafting"
    label = "drafting"
