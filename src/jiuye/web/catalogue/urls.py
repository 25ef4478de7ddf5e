from django.urls import path

from jiuye.web.catalogue import drafts, items

app_name = "catalogue"
urlpatterns = [
    path("", items.listed, name="items"),
    path("new/", items.new, name="new"),
    path("items/<slug:code>/", items.item, name="item"),
    path("items/<slug:code>/begin/", items.begin, name="begin"),
    path("items/<slug:code>/confirm/", items.confirm, name="confirm"),
    path("versions/<uuid:version_id>/", items.version, name="version"),
    path("drafts/<uuid:draft_id>/", drafts.draft, name="draft"),
    path("drafts/<uuid:draft_id>/check/", drafts.check, name="check"),
    path("drafts/<uuid:draft_id>/act/", drafts.act, name="act"),
]
