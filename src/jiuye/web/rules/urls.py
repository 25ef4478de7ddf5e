"""Addresses of the rule book; below law/<hash>/ the same pages of a text that once decided."""

from django.urls import URLPattern, path

from jiuye.web.rules import views

app_name = "rules"


def pages(prefix: str = "") -> list[URLPattern]:
    return [
        path(prefix, views.index, name="index"),
        path(f"{prefix}sources/", views.sources, name="sources"),
        path(f"{prefix}parameters/<slug:name>/", views.parameter, name="parameter"),
        path(f"{prefix}<slug:name>/", views.rule, name="rule"),
    ]


urlpatterns = [*pages("law/<slug:version>/"), *pages()]
