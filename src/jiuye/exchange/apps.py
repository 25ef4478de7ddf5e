from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "jiuye.exchange"
    label = "exchange"
