-- Spreads requests evenly over N routes: GET <prefix of route i>/item, prepared before the run so that the load
-- generator's own cost stays the same for every N.
local prepared, at = {}, 0

function init(arguments)
   local count = tonumber(arguments[1])
   -- A stride coprime to the counts in use: neighbouring requests hit distant routes.
   for i = 0, count - 1 do
      local route = (i * 7919) % count
      prepared[#prepared + 1] = wrk.format("GET", string.format("/route-%05d/item", route))
   end
end

function request()
   at = at % #prepared + 1
   return prepared[at]
end
