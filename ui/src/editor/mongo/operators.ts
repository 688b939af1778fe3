/** The words of MongoDB by where they stand. Words only. */

const list = (text: string) => text.trim().split(/\s*,\s*/);

/** What a field is compared with: `{ age: { $gt: 3 } }`. */
export const QUERY =
  list(`$eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $type, $regex, $options, $not, $elemMatch,
  $all, $size, $mod, $geoWithin, $geoIntersects, $near, $nearSphere, $bitsAllSet, $bitsAnySet`);

/** What stands beside fields in a filter. */
export const LOGICAL = list('$and, $or, $nor, $expr, $text, $where, $jsonSchema, $comment');

export const UPDATE =
  list(`$set, $unset, $rename, $inc, $mul, $min, $max, $currentDate, $setOnInsert, $push, $pull,
  $addToSet, $pop, $pullAll, $bit`);

export const PUSH = list('$each, $position, $slice, $sort');

/** Stages that an update may be made of. */
export const UPDATE_STAGES = list('$set, $addFields, $unset, $project, $replaceRoot, $replaceWith');

export const STAGES =
  list(`$match, $group, $project, $set, $addFields, $unset, $sort, $limit, $skip, $lookup, $unwind,
  $count, $facet, $merge, $out, $replaceRoot, $replaceWith, $sample, $sortByCount, $unionWith, $bucket, $bucketAuto,
  $graphLookup, $geoNear, $redact, $indexStats, $collStats, $densify, $fill, $setWindowFields, $documents`);

export const ACCUMULATORS =
  list(`$sum, $avg, $min, $max, $first, $last, $push, $addToSet, $count, $mergeObjects,
  $stdDevPop, $stdDevSamp, $top, $bottom, $firstN, $lastN`);

export const EXPRESSIONS =
  list(`$concat, $cond, $ifNull, $toString, $toInt, $toLong, $toDouble, $toDecimal, $toDate,
  $toBool, $toObjectId, $convert, $type, $add, $subtract, $multiply, $divide, $mod, $abs, $round, $floor, $ceil, $eq, $ne,
  $gt, $gte, $lt, $lte, $and, $or, $not, $in, $switch, $map, $filter, $reduce, $size, $arrayElemAt, $concatArrays, $slice,
  $isArray, $mergeObjects, $objectToArray, $arrayToObject, $substrCP, $toLower, $toUpper, $trim, $split, $replaceAll,
  $regexMatch, $dateToString, $dateFromString, $dateAdd, $year, $month, $dayOfMonth, $literal, $let, $getField, $setField`);

export const INDEX_OPTIONS =
  list(`unique, name, sparse, expireAfterSeconds, partialFilterExpression, collation, hidden,
  wildcardProjection, weights, default_language, session`);

export const COLLECTION_OPTIONS =
  list(`validator, validationLevel, validationAction, capped, size, max, collation,
  timeseries, expireAfterSeconds, clusteredIndex, changeStreamPreAndPostImages, viewOn, pipeline, session`);

export const SCHEMA =
  list(`bsonType, required, properties, additionalProperties, description, enum, items, minimum,
  maximum, minLength, maxLength, pattern, minItems, maxItems, uniqueItems, oneOf, anyOf, allOf, not, title, patternProperties`);

export const BSON_TYPES =
  list(`string, int, long, double, decimal, bool, date, objectId, object, array, binData, null,
  timestamp, regex, number`);

/** What the keys of a stage are, where they are neither fields nor expressions. */
export const STAGE_KEYS: Record<string, string[]> = {
  $lookup: list('from, localField, foreignField, as, let, pipeline'),
  $graphLookup: list(
    'from, startWith, connectFromField, connectToField, as, maxDepth, depthField, restrictSearchWithMatch',
  ),
  $unwind: list('path, includeArrayIndex, preserveNullAndEmptyArrays'),
  $merge: list('into, on, let, whenMatched, whenNotMatched'),
  $unionWith: list('coll, pipeline'),
  $bucket: list('groupBy, boundaries, default, output'),
  $bucketAuto: list('groupBy, buckets, output, granularity'),
  $replaceRoot: list('newRoot'),
  $sample: list('size'),
  $out: list('db, coll'),
};
