from django.apps import AppConfig


class FundsConfig(AppConfig):
    name = "jiuye.funds"
    label = "funds"
