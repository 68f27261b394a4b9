"""The properties HubSpot defines itself, as far as the sandbox keeps them.

One line a property: ``name | label | type | field type | group | flags``. Flags: ``ro`` read-only value,
``unique``, ``owner`` (options are the owners), ``=a,b,c`` the options.
"""

_COMMON = """
hs_object_id | Record ID | number | number | {group} | ro
hs_merged_object_ids | Merged record IDs | enumeration | checkbox | {group} | ro
hs_created_by_user_id | Created by user ID | number | number | {group} | ro
hs_updated_by_user_id | Updated by user ID | number | number | {group} | ro
hs_object_source_label | Record source | enumeration | select | {group} | ro
hubspot_owner_id | Owner | enumeration | select | {group} | owner
hubspot_owner_assigneddate | Owner assigned date | datetime | date | {group} | ro
"""

_MODIFIED = """
hs_createdate | Object create date/time | datetime | date | {group} | ro
hs_lastmodifieddate | Last modified date | datetime | date | {group} | ro
"""

_STAGES = "=subscriber,lead,marketingqualifiedlead,salesqualifiedlead,opportunity,customer,evangelist,other"

_CONTACTS = """
createdate | Create date | datetime | date | contactinformation | ro
lastmodifieddate | Last modified date | datetime | date | contactinformation | ro
email | Email | string | text | contactinformation | unique
firstname | First name | string | text | contactinformation |
lastname | Last name | string | text | contactinformation |
jobtitle | Job title | string | text | contactinformation |
phone | Phone number | string | phonenumber | contactinformation |
mobilephone | Mobile phone number | string | phonenumber | contactinformation |
company | Company name | string | text | contactinformation |
website | Website URL | string | text | contactinformation |
address | Street address | string | text | contactinformation |
city | City | string | text | contactinformation |
state | State/Region | string | text | contactinformation |
zip | Postal code | string | text | contactinformation |
country | Country/Region | string | text | contactinformation |
industry | Industry | string | text | contactinformation |
hs_language | Preferred language | enumeration | select | contactinformation | \
=de,en,es,fr,it,ja,nl,pt,sv,zh,ar,he,fi,pl
lifecyclestage | Lifecycle stage | enumeration | radio | contactinformation | {stages}
hs_lead_status | Lead status | enumeration | radio | sales_properties | \
=NEW,OPEN,IN_PROGRESS,OPEN_DEAL,UNQUALIFIED,CONNECTED
hs_lifecyclestage_customer_date | Became a customer date | datetime | date | contactinformation | ro
associatedcompanyid | Primary associated company ID | number | number | contactinformation |
hs_additional_emails | Additional email addresses | enumeration | checkbox | contactinformation | ro
hs_calculated_merged_vids | Merged vids with timestamps | enumeration | checkbox | contactinformation | ro
hs_email_domain | Email domain | string | text | contactinformation | ro
hs_analytics_source | Original source | enumeration | select | analyticsinformation | ro
hs_analytics_num_page_views | Number of pageviews | number | number | analyticsinformation | ro
hs_analytics_num_visits | Number of sessions | number | number | analyticsinformation | ro
hs_analytics_first_timestamp | Time first seen | datetime | date | analyticsinformation | ro
hs_analytics_last_timestamp | Time last seen | datetime | date | analyticsinformation | ro
hs_analytics_last_url | Last page seen | string | text | analyticsinformation | ro
num_conversion_events | Number of form submissions | number | number | conversioninformation | ro
first_conversion_date | First conversion date | datetime | date | conversioninformation | ro
recent_conversion_date | Recent conversion date | datetime | date | conversioninformation | ro
recent_conversion_event_name | Recent conversion | string | text | conversioninformation | ro
hs_email_delivered | Marketing emails delivered | number | number | emailinformation | ro
hs_email_open | Marketing emails opened | number | number | emailinformation | ro
hs_email_click | Marketing emails clicked | number | number | emailinformation | ro
hs_email_bounce | Marketing emails bounced | number | number | emailinformation | ro
hs_email_last_send_date | Last marketing email send date | datetime | date | emailinformation | ro
hs_email_last_open_date | Last marketing email open date | datetime | date | emailinformation | ro
hs_email_last_click_date | Last marketing email click date | datetime | date | emailinformation | ro
hs_email_last_email_name | Last marketing email name | string | text | emailinformation | ro
hs_email_optout | Unsubscribed from all email | bool | booleancheckbox | emailinformation | ro
hs_email_hard_bounce_reason_enum | Email hard bounce reason | enumeration | select | emailinformation | ro
hs_email_quarantined | Email address quarantined | bool | booleancheckbox | emailinformation | ro
hs_legal_basis | Legal basis for processing | enumeration | checkbox | contactinformation |
hs_last_sales_activity_timestamp | Last engagement date | datetime | date | contactinformation | ro
notes_last_contacted | Last contacted | datetime | date | contactinformation | ro
num_associated_deals | Number of associated deals | number | number | contactinformation | ro
hubspotscore | HubSpot score | number | number | contactinformation | ro
salesforcecontactid | Salesforce contact ID | string | text | salesforceinformation | ro
salesforceleadid | Salesforce lead ID | string | text | salesforceinformation | ro
salesforceaccountid | Salesforce account ID | string | text | salesforceinformation | ro
salesforcelastsynctime | Last Salesforce sync time | datetime | date | salesforceinformation | ro
"""

_COMPANIES = """
createdate | Create date | datetime | date | companyinformation | ro
hs_lastmodifieddate | Last modified date | datetime | date | companyinformation | ro
name | Company name | string | text | companyinformation |
domain | Company domain name | string | text | companyinformation |
hs_additional_domains | Additional domains | enumeration | checkbox | companyinformation | ro
website | Website URL | string | text | companyinformation |
phone | Phone number | string | phonenumber | companyinformation |
city | City | string | text | companyinformation |
state | State/Region | string | text | companyinformation |
country | Country/Region | string | text | companyinformation |
zip | Postal code | string | text | companyinformation |
address | Street address | string | text | companyinformation |
industry | Industry | string | text | companyinformation |
numberofemployees | Number of employees | number | number | companyinformation |
annualrevenue | Annual revenue | number | number | companyinformation |
description | Description | string | textarea | companyinformation |
type | Type | enumeration | select | companyinformation | =PROSPECT,PARTNER,RESELLER,VENDOR,OTHER
lifecyclestage | Lifecycle stage | enumeration | radio | companyinformation | {stages}
hs_parent_company_id | Parent company | number | number | companyinformation |
num_associated_contacts | Number of associated contacts | number | number | companyinformation | ro
salesforceaccountid | Salesforce account ID | string | text | salesforceinformation | ro
"""

_DEALS = """
createdate | Create date | datetime | date | dealinformation |
hs_lastmodifieddate | Last modified date | datetime | date | dealinformation | ro
dealname | Deal name | string | text | dealinformation |
amount | Amount | number | number | dealinformation |
deal_currency_code | Currency | enumeration | select | dealinformation | =EUR,USD,GBP,CHF,SEK,JPY
closedate | Close date | datetime | date | dealinformation |
pipeline | Pipeline | enumeration | select | dealinformation | =default
dealstage | Deal stage | enumeration | radio | dealinformation | \
=appointmentscheduled,qualifiedtobuy,presentationscheduled,contractsent,closedwon,closedlost
dealtype | Deal type | enumeration | radio | dealinformation | =newbusiness,existingbusiness
description | Deal description | string | textarea | dealinformation |
hs_is_closed | Is deal closed? | bool | booleancheckbox | dealinformation | ro
hs_is_closed_won | Is closed won | bool | booleancheckbox | dealinformation | ro
hs_deal_stage_probability | Deal probability | number | number | dealinformation | ro
salesforceopportunityid | Salesforce opportunity ID | string | text | salesforceinformation | ro
"""

_TICKETS = """
createdate | Create date | datetime | date | ticketinformation | ro
hs_lastmodifieddate | Last modified date | datetime | date | ticketinformation | ro
subject | Ticket name | string | text | ticketinformation |
content | Ticket description | string | textarea | ticketinformation |
hs_pipeline | Pipeline | enumeration | select | ticketinformation | =0
hs_pipeline_stage | Ticket status | enumeration | select | ticketinformation | =1,2,3,4
hs_ticket_priority | Priority | enumeration | select | ticketinformation | =LOW,MEDIUM,HIGH,URGENT
"""

_FEEDBACK = """
hs_survey_id | Survey ID | number | number | feedback_submission_information | ro
hs_survey_name | Survey name | string | text | feedback_submission_information | ro
hs_survey_type | Survey type | enumeration | select | feedback_submission_information | ro \
=NPS,CSAT,CES,CUSTOM
hs_survey_channel | Survey channel | enumeration | select | feedback_submission_information | ro =EMAIL,WEB
hs_value | Rating | number | number | feedback_submission_information | ro
hs_response_group | Sentiment | enumeration | select | feedback_submission_information | ro
hs_content | Response | string | textarea | feedback_submission_information | ro
hs_submission_timestamp | Date submitted | datetime | date | feedback_submission_information | ro
hs_submission_name | Submission name | string | text | feedback_submission_information | ro
hs_contact_id | Contact ID | number | number | feedback_submission_information | ro
hs_contact_email_rollup | Contact email | string | text | feedback_submission_information | ro
"""

_ENGAGEMENT = """
hs_timestamp | Activity date | datetime | date | engagement |
hs_attachment_ids | Attached file IDs | enumeration | checkbox | engagement |
hs_body_preview | Body preview | string | text | engagement | ro
"""

_MEETINGS = """
hs_meeting_title | Meeting name | string | text | engagement |
hs_meeting_body | Meeting description | string | textarea | engagement |
hs_meeting_start_time | Meeting start time | datetime | date | engagement |
hs_meeting_end_time | Meeting end time | datetime | date | engagement |
hs_meeting_location | Meeting location | string | text | engagement |
hs_meeting_outcome | Meeting outcome | enumeration | select | engagement | \
=SCHEDULED,COMPLETED,RESCHEDULED,NO_SHOW,CANCELED
hs_internal_meeting_notes | Internal meeting notes | string | textarea | engagement |
"""

_CALLS = """
hs_call_title | Call title | string | text | engagement |
hs_call_body | Call notes | string | textarea | engagement |
hs_call_duration | Call duration | number | number | engagement |
hs_call_direction | Call direction | enumeration | select | engagement | =INBOUND,OUTBOUND
hs_call_status | Call status | enumeration | select | engagement | \
=COMPLETED,NO_ANSWER,BUSY,FAILED,CANCELED,QUEUED
hs_call_disposition | Call outcome | string | text | engagement |
"""

_TASKS = """
hs_task_subject | Task title | string | text | engagement |
hs_task_body | Notes | string | textarea | engagement |
hs_task_status | Task status | enumeration | select | engagement | \
=NOT_STARTED,IN_PROGRESS,WAITING,COMPLETED,DEFERRED
hs_task_priority | Priority | enumeration | select | engagement | =NONE,LOW,MEDIUM,HIGH
hs_task_type | Task type | enumeration | select | engagement | =TODO,CALL,EMAIL
hs_task_completion_date | Completed at | datetime | date | engagement | ro
"""

_NOTES = "hs_note_body | Note body | string | textarea | engagement |\n"

_EMAILS = """
hs_email_subject | Email subject | string | text | engagement |
hs_email_text | Text body | string | textarea | engagement |
hs_email_direction | Email direction | enumeration | select | engagement | \
=EMAIL,INCOMING_EMAIL,FORWARDED_EMAIL
hs_email_status | Email send status | enumeration | select | engagement | \
=SENT,BOUNCED,FAILED,SCHEDULED,SENDING
"""

_COMMUNICATIONS = """
hs_communication_channel_type | Channel type | enumeration | select | engagement | \
=WHATS_APP,LINKEDIN_MESSAGE,SMS
hs_communication_body | Communication body | string | textarea | engagement |
"""

_COMMERCE = """
hs_external_created_date | External created date | datetime | date | {group} |
hs_currency_code | Currency code | enumeration | select | {group} | =EUR,USD,GBP,CHF,SEK,JPY
hs_total_price | Total price | number | number | {group} |
hs_source_store | Source store | string | text | {group} |
"""

_ORDERS = """
hs_order_name | Order name | string | text | orderinformation |
hs_external_order_id | External order ID | string | text | orderinformation |
hs_external_order_status | External order status | string | text | orderinformation |
hs_fulfillment_status | Fulfillment status | string | text | orderinformation |
hs_external_cart_id | External cart ID | string | text | orderinformation |
"""

_CARTS = """
hs_cart_name | Cart name | string | text | cartinformation |
hs_external_cart_id | External cart ID | string | text | cartinformation |
hs_external_status | External status | string | text | cartinformation |
hs_cart_url | Cart URL | string | text | cartinformation |
"""

_PRODUCTS = """
name | Name | string | text | productinformation |
description | Product description | string | textarea | productinformation |
price | Unit price | number | number | productinformation |
hs_sku | SKU | string | text | productinformation |
hs_product_type | Product type | enumeration | select | productinformation | \
=inventory,non_inventory,service
hs_url | URL | string | text | productinformation |
hs_folder_name | Folder | string | text | productinformation |
"""

_LINE_ITEMS = """
name | Name | string | text | lineiteminformation |
hs_product_id | Product ID | number | number | lineiteminformation |
hs_sku | SKU | string | text | lineiteminformation |
price | Unit price | number | number | lineiteminformation |
quantity | Quantity | number | number | lineiteminformation |
amount | Net price | number | number | lineiteminformation |
hs_line_item_currency_code | Currency | enumeration | select | lineiteminformation | \
=EUR,USD,GBP,CHF,SEK,JPY
"""

_QUOTES = """
hs_title | Quote title | string | text | quoteinformation |
hs_status | Approval status | enumeration | select | quoteinformation | \
=DRAFT,APPROVAL_NOT_NEEDED,APPROVED,REJECTED
"""

_INVOICES = """
hs_currency | Currency | string | text | invoiceinformation |
hs_invoice_status | Invoice status | enumeration | select | invoiceinformation | =draft,open,paid,voided
"""

_LEADS = "hs_lead_name | Lead name | string | text | lead_information |\n"

_TABLES: dict[str, tuple[str, str]] = {
    "contacts": ("contactinformation", _COMMON + _CONTACTS),
    "companies": ("companyinformation", _COMMON + _COMPANIES),
    "deals": ("dealinformation", _COMMON + _DEALS),
    "tickets": ("ticketinformation", _COMMON + _TICKETS),
    "feedback_submissions": ("feedback_submission_information", _COMMON + _MODIFIED + _FEEDBACK),
    "meetings": ("engagement", _COMMON + _MODIFIED + _ENGAGEMENT + _MEETINGS),
    "calls": ("engagement", _COMMON + _MODIFIED + _ENGAGEMENT + _CALLS),
    "notes": ("engagement", _COMMON + _MODIFIED + _ENGAGEMENT + _NOTES),
    "tasks": ("engagement", _COMMON + _MODIFIED + _ENGAGEMENT + _TASKS),
    "emails": ("engagement", _COMMON + _MODIFIED + _ENGAGEMENT + _EMAILS),
    "communications": ("engagement", _COMMON + _MODIFIED + _ENGAGEMENT + _COMMUNICATIONS),
    "orders": ("orderinformation", _COMMON + _MODIFIED + _COMMERCE + _ORDERS),
    "carts": ("cartinformation", _COMMON + _MODIFIED + _COMMERCE + _CARTS),
    "products": ("productinformation", _COMMON + _MODIFIED + _PRODUCTS),
    "line_items": ("lineiteminformation", _COMMON + _MODIFIED + _LINE_ITEMS),
    "quotes": ("quoteinformation", _COMMON + _MODIFIED + _QUOTES),
    "invoices": ("invoiceinformation", _COMMON + _MODIFIED + _INVOICES),
    "leads": ("lead_information", _COMMON + _MODIFIED + _LEADS),
}


def standard_lines(object_name: str) -> list[list[str]]:
    """The six columns of each property of one object type."""
    group, table = _TABLES[object_name]
    lines = table.replace("{group}", group).replace("{stages}", _STAGES).strip().splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.strip()]
