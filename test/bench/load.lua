-- What wrk sends: the calls of a file in turn, a line each, its authorization before a tab. Says what came back.

local calls, at = {}, 0

-- Every connection is open before the first call. Node takes one of those that wait in each turn of its loop, and
-- answers whoever is there in between: without this, the last of 64 waits for as long as the load lasts.
local openingMs, unopened = 100, 0

function init(args)
  unopened = tonumber(args[2])
  for line in io.lines(args[1]) do
    local authorization, body = line:match("^(.-)\t(.*)$")
    local headers = { ["content-type"] = "application/json" }
    if authorization ~= "" then headers["authorization"] = authorization end
    calls[#calls + 1] = { headers, body }
  end
end

function request()
  at = at % #calls + 1
  return wrk.format("POST", nil, calls[at][1], calls[at][2])
end

function delay()
  if unopened == 0 then return 0 end
  unopened = unopened - 1
  return openingMs
end

function done(summary, latency)
  local errors = summary.errors
  local refused = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format(
    '\n{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"worst":%.3f,"refused":%d}',
    summary.requests, summary.duration / 1e6 - openingMs / 1e3, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3, refused
  ))
end
