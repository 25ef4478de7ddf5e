from django.apps import AppConfig


class InsuranceConfig(AppConfig):
    name = "jiuye.insurance"
    label = "insurance"
