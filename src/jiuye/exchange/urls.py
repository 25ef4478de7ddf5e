from django.urls import path

from jiuye.exchange import health

urlpatterns = [
    path("healthz", health.health, name="healthz"),
]
