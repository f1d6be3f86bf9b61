/** Days, months, quarters and years, in the notation of marked.ts. */
export const DATE_EXAMPLES: Record<string, string> = {
  'ISO dates and timestamps': `
{2024-03-05|date}
visits on {2024-03-05|date}
visits on {2024-3-5|date|2024-03-05}
since {2024/03/05|date|2024-03-05}
on {2024.03.05|date|2024-03-05}
from {2024-03-01|date} to {2024-03-31|date}
between {2024-03-01|date} and {2024-03-31|date}
{2024-03-01|date}/{2024-03-31|date}
{2024-03-01|date}..{2024-03-31|date}
{2024-03-01|date}–{2024-03-31|date}
{2024-02-29|date}
at {2024-03-05T10:00:00|timestamp}
at {2024-03-05 10:00|timestamp|2024-03-05T10:00:00}
{2024-03-05T10:00:00.123|timestamp}
{2024-03-05T10:00:00Z|timestamp|2024-03-05T10:00:00}
{2024-03-05T10:00:00+01:00|timestamp|2024-03-05T10:00:00}
{2024-03-05 10:30 PM|timestamp|2024-03-05T22:30:00}
{2024-03-05 at 9 am|timestamp|2024-03-05T09:00:00}
{3/5/2024 10:30 PM|timestamp|2024-03-05T22:30:00}
{March 5, 2024 at 10:30|timestamp|2024-03-05T10:30:00}
{5 March 2024, 10:30|timestamp|2024-03-05T10:30:00}
on {20240305|date|2024-03-05}
admitted {2024-03-05|date}, discharged {2024-03-09|date}.
{2024/03|month|2024-03}
in {2024-03|month}
during {2024/12|month|2024-12}
in {03/2024|month|2024-03}
in {3/2024|month|2024-03}
`,
  'numeric day and month': `
on {03/05/2024|date|2024-03-05}
on {3/5/2024|date|2024-03-05}
on {13/04/2024|date|2024-04-13}
on {12/31/2023|date|2023-12-31}
on {03-05-2024|date|2024-03-05}
on {25.12.2023|date|2023-12-25}
on {05.03.24|date|2024-05-03}
on {3/5/24|date|2024-03-05}
on {3/3/2024|date|2024-03-03}
{1/1/2024|date|2024-01-01}-{3/31/2024|date|2024-03-31}
`,
  'month names': `
on {5 March 2024|date|2024-03-05}
on {05 March 2024|date|2024-03-05}
on the {5th of March 2024|date|2024-03-05}
on {5th March, 2024|date|2024-03-05}
on {5 Mar 24|date|2024-03-05}
on {5-Mar-2024|date|2024-03-05}
on {05-MAR-24|date|2024-03-05}
on {05MAR2024|date|2024-03-05}
on {5. March 2024|date|2024-03-05}
on {March 5, 2024|date|2024-03-05}
on {march 5, 2024|date|2024-03-05}
on {March 5 2024|date|2024-03-05}
on {March 5th, 2024|date|2024-03-05}
on {Mar 5, 2024|date|2024-03-05}
on {Mar. 5, 2024|date|2024-03-05}
on {MAR 5, 2024|date|2024-03-05}
on {Sept 5, 2024|date|2024-09-05}
on {December 31, 1999|date|1999-12-31}
on {March 5 '24|date|2024-03-05}
in {March 2024|month|2024-03}
in {march 2024|month|2024-03}
in {Mar 2024|month|2024-03}
in {Mar. 2024|month|2024-03}
in {March, 2024|month|2024-03}
in {March of 2024|month|2024-03}
in {Mar-2024|month|2024-03}
in {Mar-24|month|2024-03}
in {May 2024|month|2024-05}
from {January 2020|month|2020-01} to {March 2021|month|2021-03}
{January|month|2024-01} to {March 2024|month|2024-03}
between {5 March 2024|date|2024-03-05} and {10 April 2024|date|2024-04-10}
between {5|date|2024-03-05} and {10 March 2024|date|2024-03-10}
{5|date|2024-03-05}-{10 March 2024|date|2024-03-10}
{March 5|date|2024-03-05}–{10, 2024|date|2024-03-10}
from {March 5|date|2024-03-05} to {April 10, 2024|date|2024-04-10}
from {5 March|date|2024-03-05} to {10 April 2024|date|2024-04-10}
before {5 March 2024|date|2024-03-05} or after {March 5, 2024|date|2024-03-05}
`,
  'years and quarters': `
in {2023|year}
since {2019|year}
before {1950|year}
born after {1950|year}
born in {1980|year}
during {2023|year}?
visits {2023|year}
{2023|year} visits
the {2023|year} admissions
{2023|year}'s visits
in {2019|year}, {2020|year} and {2021|year}
from {2019|year} to {2021|year}
between {2019|year} and {2021|year}
{2019|year}-{2021|year}
{2019|year}–{2021|year}
{2019|year}-{21|year|2021}
year {2023|year}
year = {2023|year}
year >= {2019|year}
later than {2020|year}
no later than {2020|year}
past {2016|year}
{FY2023|year|2023}
FY {2023|year}
{FY23|year|2023}
pre-{2020|year} visits
{2023|year}-based rates
show {2023|year} admissions
claims {2019|year}, {2020|year} and {2021|year}
encounter ids in {2023|year}
{Q1 2024|quarter|2024-Q1}
in {Q1 2024|quarter|2024-Q1}
in {q4 2023|quarter|2023-Q4}
{Q1/2024|quarter|2024-Q1}
{Q1-2024|quarter|2024-Q1}
{2024 Q1|quarter|2024-Q1}
{2024-Q1|quarter}
{2024Q1|quarter|2024-Q1}
{1Q2024|quarter|2024-Q1}
{1Q24|quarter|2024-Q1}
{Q1 of 2024|quarter|2024-Q1}
{Q1 '24|quarter|2024-Q1}
the {first quarter of 2024|quarter|2024-Q1}
the {second quarter 2024|quarter|2024-Q2}
{3rd quarter of 2023|quarter|2023-Q3}
{fourth quarter in 2023|quarter|2023-Q4}
{quarter 1 of 2024|quarter|2024-Q1}
from {Q1 2023|quarter|2023-Q1} to {Q3 2024|quarter|2024-Q3}
{Q1|quarter|2024-Q1}-{Q3 2024|quarter|2024-Q3}
{Q1|quarter|2024-Q1} and {Q2 2024|quarter|2024-Q2}
`,
};
