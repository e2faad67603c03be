-- One create after another, each with its own customer. What is not a 201 is counted and told at the end.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init()
  made, refused = 0, 0
end

function request()
  made = made + 1
  local phone = string.format("+1415777%04d", (number * 5000 + made) % 10000)
  local body = string.format('{"customer_name":"Customer %d-%d","phone_number":"%s","workflow":"reminder"}', number, made, phone)
  return wrk.format(nil, "/api/calls", nil, body)
end

function response(status)
  if status ~= 201 then
    refused = refused + 1
  end
end

function done(summary)
  local refused = 0
  for _, thread in ipairs(threads) do
    refused = refused + thread:get("refused")
  end
  local seconds = summary.duration / 1e6
  print(string.format("creates: %d in %.1f s = %.0f per second", summary.requests, seconds, summary.requests / seconds))
  local errors = summary.errors
  print(string.format("not 201: %d; connect, read, write, timeout: %d, %d, %d, %d",
    refused, errors.connect, errors.read, errors.write, errors.timeout))
end
