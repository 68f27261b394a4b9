"""What people do, in the words all systems share."""

#: Activity types every connector maps into; a company can add its own.
ACTIVITY_TYPES = (
    "email_sent",
    "email_open",
    "email_click",
    "email_bounce",
    "unsubscribe",
    "page_view",
    "search",
    "form_submit",
    "download",
    "video_view",
    "webinar_register",
    "webinar_attend",
    "event_attend",
    "demo_request",
    "campaign_response",
    "social_interaction",
    "call",
    "meeting",
    "support_ticket",
    "cart_update",
    "purchase",
    "survey_response",
    "signup",
)
