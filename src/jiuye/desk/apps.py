from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "jiuye.desk"
    label = "desk"
