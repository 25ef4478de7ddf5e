from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FoundationConfig(AppConfig):
    name = "jiuye.foundation"
    label = "foundation"

    def ready(self) -> None:
        from jiuye.foundation import two_person

        two_person.register_check()
        autodiscover_modules("tasks")  # every room's handlers and jobs
