"""Addresses of all portals. Each portal keeps its own list."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from jiuye.web import documents, gallery
from jiuye.web.login import day
from jiuye.web.login import views as login

urlpatterns: list[URLPattern | URLResolver] = [
    path("", login.start, name="start"),
    path("login/", login.login, name="login"),
    path("logout/", login.logout, name="logout"),
    path("capacity/", login.switch_grant, name="switch_grant"),
    path("language/", login.set_language, name="set_language"),
    path("elder/", login.elder_mode, name="elder_mode"),
    path("demonstration/day/", day.move, name="demonstration_day"),
    path("documents/<uuid:file_id>/", documents.document, name="document"),
    path("resident/", include("jiuye.web.resident.urls")),
    path("employer/", include("jiuye.web.employer.urls")),
    path("guides/", include("jiuye.web.guides.urls")),
    path("rules/", include("jiuye.web.rules.urls")),
    path("components/", gallery.gallery, name="gallery"),
]
for portal in ("workbench", "lead", "drafting", "catalogue", "audit"):
    if find_spec(f"jiuye.web.{portal}") and find_spec(f"jiuye.web.{portal}.urls"):
        urlpatterns.append(path(f"{portal}/", include(f"jiuye.web.{portal}.urls")))
