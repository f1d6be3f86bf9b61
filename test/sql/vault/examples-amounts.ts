/** Quoted texts and amounts, in the notation of marked.ts. */
export const AMOUNT_EXAMPLES: Record<string, string> = {
  'quoted text': `
drug named {'metformin'|quoted|metformin}
drug named {"metformin"|quoted|metformin}
drug named {“metformin”|quoted|metformin}
drug named {‘metformin’|quoted|metformin}
drug named {«metformin»|quoted|metformin}
drugs {'metformin'|quoted|metformin} or {'insulin glargine'|quoted|insulin glargine}
named {'type 2 diabetes'|quoted|type 2 diabetes}
named {'O''Brien'|quoted|O'Brien}
named {'O'Brien'|quoted|O'Brien}
named {"O'Brien"|quoted|O'Brien}
status={'active'|quoted|active}
in ({'a'|quoted|a},{'b'|quoted|b})
patient {'John Smith'|quoted|John Smith}
name {"Smith, John 12345"|quoted|Smith, John 12345}
city is {'New York'|quoted|New York}?
{'metformin'|quoted|metformin} and {"metformin"|quoted|metformin}
{'65'|quoted|65} as text
code {'E11.9'|icd10|E11.9}
on {'2024-03-05'|date|2024-03-05}
year {"2023"|year|2023}
key {"AB-1234-X"|key|AB-1234-X}
the patients' visits and the doctors' orders
patient's visits
O'Brien's patients
'' and ""
an unclosed 'quote stays
rock 'n roll
{5|threshold}'{10|threshold}" tall
`,
  thresholds: `
older than {65|threshold}
patients older than {65|threshold}
patients over {65|threshold}
patients aged {65|age}
patients aged {18|age} to {65|age}
patients {18|threshold}-{65|threshold}
patients {18|threshold} to {65|threshold}
patients {65|threshold} and older
patients {65|threshold} or older
patients {65|threshold}+
age {65|threshold}
age >= {65|threshold}
{65|threshold} years old
{65|threshold}-year-old patients
{65|threshold} years of age
a {65|threshold}yo
under {18|threshold}
at least {3|threshold} visits
at most {3|threshold} visits
up to {3|threshold} visits
more than {3|threshold} visits
no more than {3|threshold} visits
fewer than {3|threshold} visits
{3|threshold} or more visits
with {3|threshold} visits
exactly {3|threshold} visits
visits = {3|threshold}
>= {140|threshold}
>={140|threshold}
> {140|threshold} mg/dL
≥ {140|threshold}
<{90|threshold}
below {90|threshold} mg/dL
over {7.5|threshold}
HbA1c over {7.5|threshold}
HbA1c > {7.5|threshold}%
over {50|threshold}%
BMI between {18.5|threshold} and {24.9|threshold}
between {10|threshold} and {20|threshold}
between {10|threshold} and {20|threshold} visits
between {1000|threshold} and {2000|threshold}
between {2000|threshold} and {2010|threshold} mg
between {30|threshold} and {90|threshold} days
between {10000|threshold} and {50000|threshold}
cost over {1,000|threshold|1000}
cost over \${1,000.50|threshold|1000.50}
cost of more than \${250|threshold}
\${5000|threshold} or more
over {100000|threshold}
over {2000|threshold}
{2000|threshold} mg
{500|threshold}mg
{7.5|threshold}mg/dL
{100|threshold}-mg tablets
blood pressure over {140|threshold}/{90|threshold}
blood pressure {140|threshold}/{90|threshold} mmHg
T-score below {-2.5|threshold}
T-score < {-2.5|threshold}
over {.5|threshold|0.5}
more than {30|threshold} days
length of stay over {7|threshold} days
longer than {24|threshold} hours
more than {50k|threshold|50000} in cost
a score of {15|threshold}
a minimum of {5|threshold}
{10|threshold}-{20|threshold} visits
older than {65|threshold} with at least {65|threshold} visits
glucose level {140|threshold}
{30|threshold} days or more
more than {100|threshold} patients
{10,000|threshold|10000} patients
ejection fraction < {40|threshold} %
procedures for patients aged {77|age}
patients aged {43|threshold} or older
patients aged {30|age} to {39|age}
men between {41|age} and {92|age} years old
between the ages of {18|age} and {25|age}
aged {65|threshold} years and above
between {3|threshold} and {5|threshold} mg
`,
};
