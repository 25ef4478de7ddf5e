from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "jiuye.desk"
    label = "desk"

    def ready(self) -> None:
        from jiuye.desk.catalogue import store
        from jiuye.foundation import session

        session.read_along(store.ALONG, store.REVISION)
