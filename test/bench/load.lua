-- What wrk sends: the calls of a file in turn, a line each, its authorization before a tab. Says what came back.

local calls, at = {}, 0

function init(args)
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

function done(summary, latency)
  local errors = summary.errors
  local refused = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format(
    '\n{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"worst":%.3f,"refused":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3, refused
  ))
end
