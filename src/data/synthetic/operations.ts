/** What a hospital needs besides patients; the notation is that of concepts.ts. */
export const OPERATIONS_CONCEPTS = `
employee|staff member|worker~personnel: last name:s|surname, first name:s|given name, hire date:d|date of hiring|joined on, leave date:d|date of leaving, job title:s|job|position, salary:m~pay|yearly pay, active flag:b, birth date:d|date of birth > department?, manager=employee?
department|division~org unit: department name:s|name of the department~title, cost center:c|cost centre, budget:m|yearly budget, opened date:d|opening date > parent department=department?
shift|work shift: start time:A|start, end time:Z|end, overtime hours:n|overtime~extra hours, shift type:c|kind of shift > employee, department?
leave|absence: start date:D|first day, end date:E|last day, leave type:c|kind of leave|reason, approved flag:b > employee
supplier|vendor: supplier name:s|vendor name|name of the supplier~title, country:s~land, rating:n|score, contract date:d|date of the contract
item|article|product~material: item name:s|name of the item, category:c|kind of item~item class, unit price:m|price, reorder level:i|minimum stock, discontinued flag:b > preferred supplier=supplier?
stock|inventory: quantity on hand:i|amount in stock|on hand, counted date:d~date counted, expiry date:E|expiration date, lot number:k|lot > item, warehouse
warehouse|store|storehouse: warehouse name:s|name of the warehouse~title, city:s|town, capacity:i~size
purchase order|supply order~po header: order date:d|date of the order, delivery date:d|date of delivery|delivered on, total amount:m|total|order value, order status:S|status > supplier, requester=employee?, approver=employee?
purchase order line|order line~po line: quantity:i|amount ordered, unit price:m|price, discount:n|discount percent, line number:o|number of the line > purchase order, item
vehicle|ambulance: plate number:k|licence plate, model year:y|year of the model, mileage:i|distance driven, purchase date:d|date of purchase > depot=warehouse?
trip~ride: departure time:A|start, arrival time:Z|end, distance:n~kilometres, priority:c|urgency > vehicle, driver=employee?
asset|equipment: asset name:s|name of the asset, serial number:k|serial, purchase date:d|date of purchase, purchase price:m|price > department?, parent asset=asset?
maintenance|service job|repair: planned date:d|date planned, done date:d|date done, cost:m|price, job status:S|status > asset, technician=employee?
course|training: course name:s|name of the course~title, credit hours:n|credits, mandatory flag:b
attendance|course attendance: attended date:d|date of attendance, score:n|points, passed flag:b > course, employee
room|office: room label:s|room name, floor:i~storey, area:n~size, seats:i|number of seats > department?
complaint|grievance: received date:D|date received, closed date:E|date closed, severity:c~how severe, complaint text:x~what was said > department?, handler=employee?
customer|account: customer name:s|name of the customer~title, city:s|town, segment:c~group, credit limit:m~highest credit > referrer=customer?
invoice|bill: invoice date:d|date of the invoice, due date:d|date due, total amount:m|total, paid flag:b, tax amount:m|tax > customer
payment|receipt: payment date:d|date of payment, amount:m|amount paid, payment method:c|method > invoice
contract|agreement: start date:D|start, end date:E|end, yearly value:m|value per year, contract type:c|kind of contract > customer?, owner=employee?
ticket|support ticket|helpdesk request: opened time:A|time opened, closed time:Z|time closed, priority:c|urgency, ticket status:S|status > customer?, assignee=employee?
project|initiative: project name:s|name of the project~title, start date:D|start, end date:E|end, budget:m|planned cost, project status:S|status > department?, lead=employee?
task|work item: due date:d|date due, done date:d|date done, effort hours:n|effort|hours, task status:S|status > project, assignee=employee?, parent task=task?
incident|safety incident: occurred time:t|time of the incident, reported time:t|time of the report, harm level:c|harm, lost days:i|days lost > department?, reporter=employee?
student|pupil|trainee: last name:s|surname, birth date:d|date of birth, enrolled date:d|date of enrollment, grade point average:n|average grade
class|lecture: term:c|semester, seats:i|number of seats, start date:D|start > course, teacher=employee?
grade|mark: graded date:d|date of the grade, points:n|score, final flag:b > class, student
`;
