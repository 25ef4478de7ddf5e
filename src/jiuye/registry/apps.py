from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "jiuye.registry"
    label = "registry"
