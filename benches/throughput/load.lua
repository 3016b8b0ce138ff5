-- Sends one of the bodies in the file BODIES, a line each, at random; tells in the end what it saw, as JSON.

local number = 0

function setup(thread)
    number = number + 1
    thread:set("number", number)
end

function init()
    math.randomseed(number)
    requests = {}
    for body in io.lines(os.getenv("BODIES")) do
        requests[#requests + 1] = wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, body)
    end
end

function request()
    return requests[math.random(#requests)]
end

function done(summary, latency)
    local seconds = summary.duration / 1e6
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"rate":%f,"p50":%f,"p99":%f,"errors":%d}\n',
        summary.requests, summary.requests / seconds, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.status + errors.connect + errors.read + errors.write + errors.timeout
    ))
end
